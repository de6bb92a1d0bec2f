"""What people answer to claims, and which claim they see next."""
