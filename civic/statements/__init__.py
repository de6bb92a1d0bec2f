"""What citizens write, the sentences in it, and the claims people react to."""
