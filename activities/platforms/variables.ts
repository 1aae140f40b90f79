import type { Environment } from '../../domain/config/config.ts';

/**
 * Returns the settings that a target has on every platform: the variables that the release needs at
 * run time, and the headers and certificates that probes need.
 */
export const commonOf = ({
  requiredVariables,
  variablesFile,
  headers,
  certificates,
}: Environment) => ({
  requiredVariables,
  ...(variablesFile === undefined ? {} : { variablesFile }),
  ...(headers === undefined ? {} : { headers }),
  ...(certificates === undefined ? {} : { certificates: certificates.map(digits) }),
});

const digits = (fingerprint: string) => fingerprint.replaceAll(':', '').toUpperCase();
