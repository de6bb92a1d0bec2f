"""Every formula of a spec a second time, in numpy alone, so that nothing checked is called.

The one exception is `aggregation.kmeans.kmeans`: a seeded procedure whose draws have to be the
same, not a formula. Reading order: `ballots` (votes), `groups` (who stands together, what they
say), `standing` (thresholds, margins, resamples), `estimates` (answers nobody gave), `choices`
(sets of clauses and their proofs), `everything` (all of it in order).
"""
