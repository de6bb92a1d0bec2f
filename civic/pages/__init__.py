"""The platform for people: home, help and the way of one clause."""
