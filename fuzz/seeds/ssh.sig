{"critical":{"identity":{"docker-reference":"r.example/cairn/core/zlib:1.3.1"},"image":{"docker-manifest-digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"type":"atomic container signature"},"optional":{"creator":"cairn 0.1.0","timestamp":1790000000,"cairn":{"role":"reproducer","name":"core/zlib","version":"1.3.1","definition":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","platform":"linux/amd64","engine":"embedded","cpu":"AuthenticAMD","distribution":"debian-12","kernel":"6.12"}}}
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgLmFGxxHYvLKtk1P6ItemlvPyCO
DeCZuWPpV/Cfw2lnwAAAAFY2Fpcm4AAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1
MTkAAABALxqSvo6RZwJSHf9c1P6sqfHjJI1smUjjFTZHuEEZJBpbeY6kzhtGlUTov6G4Q+
NBakmUIW7Yl7xyT2YvwXu7Bw==
-----END SSH SIGNATURE-----
