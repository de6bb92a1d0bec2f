"""Concordance's aggregation: from what people wrote and how they reacted to a behaviour spec.

What goes in: a `Corpus` (statements, and the claims in them that people reacted to) and a
`VoteTable` (participants × claims: agree, disagree, unsure, or never answered).
What comes out: an `Outcome` with the spec as one canonical JSON document.

Reading order, each file once, from what people wrote to what is published:

    types       the nouns                       tiers       support → strength, veto, reasons
    text        sentences, languages, norms     welfare     the programme that fills a budget
    embed       sentences → vectors             certify     proofs, rechecked with numpy alone
    cluster     near-duplicates, themes         robust      redrawn crowds, coordinated attacks
    stance      what may contradict what        sensitivity what other rules would choose
    wording     what the claims say together    positions   where each citizen stands
    votes       who answered what               lineage     what the version before held
    intake      files → corpus and votes        decide      one verdict and reason per claim
    opinion     opinion groups and support      proofs      the certificates of a choice
    kmeans      groups of points                spec        the document and its schema
    completion  estimates for reactions         exports     what leaves the house
                not given                       run         all of it, in order
    routing     what to show next

No Django here, no network, no clock and no global randomness.
"""

__version__ = "0.1.0"
