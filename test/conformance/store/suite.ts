import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../../../src/core/ports/index.js';
import { now, type OpenFresh, type OpenStore } from './fixtures.js';
import { accountCases } from './suite-accounts.js';
import { bookmarkCases } from './suite-bookmarks.js';
import { digestCases } from './suite-digests.js';
import { executionCases } from './suite-execution.js';
import { historyCases } from './suite-histories.js';
import { inputCases } from './suite-inputs.js';
import { loggedModelCases } from './suite-logged-models.js';
import { metricCases } from './suite-metrics.js';
import { modelSearchCases } from './suite-model-search.js';
import { projectSearchCases } from './suite-project-search.js';
import { runCases } from './suite-runs.js';
import { searchCases } from './suite-search.js';
import { serviceCases } from './suite-services.js';
import { transactionCases } from './suite-transactions.js';
import { trashCases } from './suite-trash.js';
import { valueCases } from './suite-values.js';

/** What the cases of a suite see: one database for all of them, in which each makes a place of its own. */
export interface Subject {
  readonly store: Store;
  reopen(): Promise<Store>;
}

/** What every store must do, whatever database is behind it. */
export function storeConformance(name: string, open: OpenFresh): void {
  describe(`store on ${name}`, () => {
    let opened: OpenStore | null = null;
    let store: Store | null = null;
    beforeAll(async () => {
      opened = await open(now);
      store = opened.store;
    });
    afterAll(async () => {
      await opened?.close();
    });
    const subject: Subject = {
      get store() {
        if (store === null) throw new Error('the store is not open');
        return store;
      },
      async reopen() {
        if (opened === null) throw new Error('the store is not open');
        store = await opened.reopen();
        return store;
      },
    };
    accountCases(subject);
    runCases(subject);
    trashCases(subject);
    executionCases(subject);
    valueCases(subject);
    metricCases(subject);
    historyCases(subject);
    digestCases(subject);
    inputCases(subject);
    bookmarkCases(subject);
    serviceCases(subject);
    searchCases(subject);
    projectSearchCases(subject);
    loggedModelCases(subject);
    modelSearchCases(subject);
    transactionCases(subject);
  });
}
