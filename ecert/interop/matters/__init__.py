"""Service matters (事项) and the licences that each needs (免证办).

The flow: `importing` reads an office's own table into `matter.Matter`s; `catalogue` finds them by
code, name, words and pinyin initials; `requirements` answers what a holder may show for one of
them in a region today; `rate` counts those that need no paper (免提交率).

Matters are what an office says of its own counter: unsigned, kept where they are used.  They
decide nothing about a licence, which only its verification does.
"""
