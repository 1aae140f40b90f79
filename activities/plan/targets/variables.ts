import type { Environment } from '../../../domain/schema.ts';

/** What the release needs to find set where it runs. */
export const variablesOf = ({ requiredVariables, variablesFile }: Environment) => ({
  requiredVariables,
  ...(variablesFile === undefined ? {} : { variablesFile }),
});
