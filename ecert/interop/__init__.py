"""What one region recognises of another's licences, and under which name.

The flow: a `recognition.RecognitionList` (互认清单) of `entry.Entry` lines is signed by every
party, each on its own machine; `content` says what may not stand in it.  `book.RecognitionBook`
decides whether it may come into force (`propose`), brings it in (`accept`) and answers `decide`:
is this type, from this region and issuer, recognised here for this matter today?  `conditions`
asks more of the licence itself, `mapping` turns its fields into those of the accepting region's
type, and `change` says in what two versions of a list differ, `direction` whether that is more
or less than before.  Before anybody signs, `lint` looks for gaps and contradictions, and
`simulation` and `tally` ask a list about the licences of a register.  `signing` reads drafts and
partly signed files; a `withdrawal` notice lets one party take entries away before the next version.

Nothing listed is not recognised, and no direction follows from the other.
"""
