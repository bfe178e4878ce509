"""Kills of many: what an owner tells, or a person cuts, takes effect here, and is told and counted afterwards.

``turning`` takes in what owners tell · ``owners`` asks them · ``reconciling`` asks for everything again ·
``settling`` finds out when a kill is in force everywhere · ``sweeping`` marks the rows of the dead and tells tenants.
"""
