import { drives } from './contract.ts';

drives({
  name: 'docker restart, in place',
  runs: 'docker-in-place',
  target: { run: 'docker', checkout: 'in-place' },
});
