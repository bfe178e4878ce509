"""`latchkey doctor`: looks at a whole deployment from where the operator stands, and says what to do next."""
