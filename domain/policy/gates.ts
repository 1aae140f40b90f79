export { judgeBudget, type BudgetFacts } from './gates/judge-budget.ts';
export { judgePlatform, type PlatformFacts } from './gates/judge-platform.ts';
export { judgePrevious, type PreviousFacts } from './gates/judge-previous.ts';
export { judgeSecrets, type SecretFacts } from './gates/judge-secrets.ts';
export { judgeTests, ranIn, type TestFacts } from './gates/judge-tests.ts';
export type { Judged } from './gates/judged.ts';
