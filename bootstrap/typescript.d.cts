/** Returns the JavaScript of a TypeScript file of this project, cached. Loading the module registers it with Node. */
export declare function translate(file: string): string;
