-- Keys that a user signed in with belong to any API, so the kind of key source has a general name.
UPDATE grants SET holder = 'api_keys' WHERE holder NOT IN ('identity', 'client');
