"""What a run says, as one document that every format shows: verdict first, evidence after."""
