import { inject } from 'vitest';
import { storeConformance } from '../conformance/store/suite.js';
import { openDatabase } from './database.js';

storeConformance('PostgreSQL', (now) => openDatabase(inject('postgresUrl'), now));
