"""What people say in calls, read by a model from a sample of them."""
