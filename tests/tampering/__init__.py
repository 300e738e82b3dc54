"""The catalogue of tampering: what somebody with access to the files could do, and which check finds it."""
