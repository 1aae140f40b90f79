/**
 * Settings with which probes reach a protected site. The target of every platform has these
 * settings.
 */
export type ProbeAccess = {
  /** Headers of every probe, by name. Each value is a reference, "env:NAME". Absent = none. */
  headers?: Record<string, string>;
  /**
   * SHA-256 fingerprints of certificates that probes accept although the system does not trust
   * them. 64 hexadecimal digits, in upper case. Absent = none.
   */
  certificates?: string[];
};
