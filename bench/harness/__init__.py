# SPDX-License-Identifier: Apache-2.0
"""What bench/run is made of. README.md of bench/ says how to read what comes out."""
