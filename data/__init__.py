"""What is true. Headless: everything the command line can do without a screen."""
