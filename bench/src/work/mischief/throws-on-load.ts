// Deliberate: what an action's file does that does not load.
throw new Error('this file does not load');

export {};
