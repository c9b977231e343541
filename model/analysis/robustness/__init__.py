"""Packages in many futures: regret, targets met, and the conditions under which a package fails."""
