export declare function buildStudio(folder: string, options: { readonly letters: boolean }): Promise<void>;
