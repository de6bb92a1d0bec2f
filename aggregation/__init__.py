"""Concordance's aggregation: from what people wrote and how they reacted to a behaviour spec.

What goes in: a `Corpus` (statements, and the claims in them that people reacted to) and a
`VoteTable` (participants × claims: agree, disagree, unsure, or never answered).
What comes out: an `Outcome` with the spec as one canonical JSON document.

Reading order, each file once, from what people wrote to what is published:

    types       the nouns                       completion  estimates for reactions not given
    text        sentences, languages, norms     tiers       support → strength, veto, reasons
    embed       sentences → vectors             welfare     the programme that fills a budget
    cluster     near-duplicates, themes         certify     proofs, rechecked with numpy alone
    stance      what may contradict what        robust      how steady a verdict is
    wording     what the claims say together    decide      one verdict and reason per claim
    votes       who answered what               spec        the document and its schema
    intake      files → corpus and votes        exports     what leaves the house
    opinion     opinion groups and support      run         all of it, in order
    routing     what to show next

No Django here, no network, no clock and no global randomness.
"""

__version__ = "0.1.0"
