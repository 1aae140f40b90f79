import { composeTarget, drives } from './contract.ts';

drives({ name: 'docker compose', runs: 'compose', target: composeTarget });
