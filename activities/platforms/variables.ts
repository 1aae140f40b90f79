import type { Environment } from '../../domain/config/config.ts';

/** The settings about variables that the release needs at run time. */
export const variablesOf = ({ requiredVariables, variablesFile }: Environment) => ({
  requiredVariables,
  ...(variablesFile === undefined ? {} : { variablesFile }),
});
