"""What a client exchanges for tokens: `exchange` has the steps that all grant types share, each of which has a module.

A code and a refresh token are the same thing here, of generation 0 and of later ones.
"""
