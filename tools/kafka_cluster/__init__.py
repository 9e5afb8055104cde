# SPDX-License-Identifier: Apache-2.0
"""Parts of tools/kafka-cluster; standard library only, Linux only."""
