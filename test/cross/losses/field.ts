import type { Platform } from '../support.js';

/** Why a dialect has no place for what another one says. */
export interface Lost {
  readonly lost: string;
}

export const lost = (reason: string): Lost => ({ lost: reason });

/** Where in what a reader gives a field is to be seen. */
export type Place = string;

/** By reader. */
export type Shown = Readonly<Record<'polyaxon' | 'submarine' | 'mlflow' | 'seed' | 'foundry', Place | Lost>>;

/** A field that a dialect's clients write, and what becomes of it in each dialect, its own included. */
export interface Field {
  /** Names the run in which it says nothing: of one name is one run enough. */
  readonly base: string;
  /** Makes a run in which the field says something, or one that differs from that in nothing else; gives its uuid. */
  make(platform: Platform, says: boolean): Promise<string>;
  readonly shown: Shown;
}

export type Fields = Readonly<Record<string, Field>>;
