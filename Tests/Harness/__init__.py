"""What Interop, Journeys and Crash share: the server under test, the processes around it, a plain HTTP browser."""
