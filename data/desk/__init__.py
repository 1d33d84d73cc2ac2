"""What crosses rooms: overview, polling with its rules, verifying, a person's data, the sample campaign."""
