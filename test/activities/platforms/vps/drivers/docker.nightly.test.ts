import { drives } from './contract.ts';

drives({ name: 'docker restart', runs: 'docker', target: { run: 'docker' } });
