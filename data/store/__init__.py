"""The workspace's database: the one way to connect, the one way to write, and what each write leaves behind."""
