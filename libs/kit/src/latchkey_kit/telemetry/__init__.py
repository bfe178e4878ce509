"""What a process tells of its work, and never a secret among it.

==============  =============================================================================
``facts``       what is known of the request under way: its id, its span, who sent it
``trace``       W3C Trace Context: ``traceparent`` from part to part
``logs``        structured lines, which carry both
``trouble``     what lasts is told once
``redaction``   secrets blanked by the name that stands before them, and by their looks
``metrics``     everything at ``/metrics``
==============  =============================================================================
"""
