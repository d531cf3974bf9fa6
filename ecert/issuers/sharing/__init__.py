"""The sharing interface (共享服务接口, GB/T 36906): its numbers, its catalogue data, who may ask.

The text of the standard was not at hand.  What follows a province's system and what is our own
reading is marked in `ShareStatus.source` and in ``docs/formats/sharing-interface.md``.
"""
