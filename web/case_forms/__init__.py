"""The forms of case commands, by what they are for; web.commands names them all."""
