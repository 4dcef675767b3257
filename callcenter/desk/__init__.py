"""What an agent sees and writes beside a call: the screen pop, the ticket, the own figures of the day."""
