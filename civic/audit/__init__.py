"""Who did what, when: an append-only record that erasure cannot falsify."""
