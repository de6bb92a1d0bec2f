"""What people decide about claims and themes, and the either/or questions they are asked."""
