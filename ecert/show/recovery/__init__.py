"""Read a show code that the decoder cannot: its place is known, its modules are in doubt.

What a decoder takes for dark or light is one pixel against its surroundings.  Here the code is
found (`finders`), laid flat (`straightening`), its blur measured on the modules that every code
of that version has (`layout`) and undone (`equalising`), and the most doubtful code words are
left out of the correction (`correcting`), which so corrects twice as many.
"""

from ecert.show.recovery.reading import digits_in

__all__ = ["digits_in"]
