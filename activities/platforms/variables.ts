import type { Environment } from '../../domain/config/config.ts';

/**
 * The settings of a target that every platform has: the variables that the release needs at run
 * time, and what probes need to reach the site.
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
