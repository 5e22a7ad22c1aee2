ITEM(apple, "an apple")
ITEM(banana, "a banana")
ITEM(cherry, "a " "cherry")
