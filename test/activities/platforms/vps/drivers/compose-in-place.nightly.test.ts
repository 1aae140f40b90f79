import { composeTarget, drives } from './contract.ts';

drives({
  name: 'docker compose, in place',
  runs: 'compose',
  target: { ...composeTarget, checkout: 'in-place' },
});
