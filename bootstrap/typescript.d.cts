/** The JavaScript of a TypeScript file of this project, from the cache where it is there. Loading the module registers it with Node. */
export declare function translate(file: string): string;
