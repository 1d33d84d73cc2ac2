"""The sample campaign: orders from nowhere, made up by a seed, written as the platforms would write them."""
