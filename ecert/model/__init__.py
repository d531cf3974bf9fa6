"""What a licence is: its identifier, codes, holders, regions, types and fields.

This room knows the Chinese standards (GB/T 36901 to 36906, GB 32100, GB 11643, GB/T 2260)
and nothing about cryptography, networks or databases; the only thing it reads is its own
package data.  Import from the modules themselves, for example ``ecert.model.identifiers``.
"""
