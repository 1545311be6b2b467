"""The parity problem: its nets and how they learn."""
